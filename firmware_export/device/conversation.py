"""One request and its replies over a line that may lose, change or add bytes: retried, bounded in time, or an error."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

from firmware_export.device.attempt import Attempt, Failed, Question, Trouble, tells_start
from firmware_export.device.frames import Frame, encode
from firmware_export.device.link import Link, deadline_after, seconds_until
from firmware_export.errors import DeviceError

SETTLE_SECONDS = 0.1  # of silence, after which nothing more is under way
SETTLE_AT_MOST = 0.5
REMEMBERED = 1 << 12  # bytes of what passes by
LEFT_BY_OTHERS = (1 << 10, 1 << 13, 1 << 16)  # bytes that a host before this one may have left the device waiting for

# How "the device at serial:..." goes on.
TELLING = {
    Trouble.SILENCE: (
        "does not answer: press its reset button, and check the port, that its firmware is the one of "
        "`edgeattn firmware`, and that it speaks at {baud} baud"
    ),
    Trouble.NOISE: (
        "sends bytes that are no frames ({detail}): check that it speaks at {baud} baud (another rate goes behind a "
        "comma: {at},9600) and that its firmware is the one of `edgeattn firmware`"
    ),
    Trouble.DAMAGE: (
        "sends replies that arrive damaged ({detail}), {attempts} times in a row: shorten or change the cable, or "
        "lower the baud rate on both sides"
    ),
    Trouble.REFUSED: (
        "refuses the request ({detail}): change the cable or lower the baud rate on both sides, or build its firmware "
        "again from this model's header"
    ),
    Trouble.NO_RESULT: (
        "took the request and gave no result within {seconds:g} s: wait longer with --timeout where its network is "
        "slow, else press its reset button and look for a fault with a debugger"
    ),
    Trouble.RESTARTED: (
        "restarted in the middle of a request: look for a hard fault (its stack may be too small), a watchdog, or a "
        "weak supply"
    ),
    Trouble.FAULT: (
        "says that its core has stopped ({detail}): find pc and lr in its firmware with arm-none-eabi-addr2line, check "
        "that its stack is large enough, and press its reset button"
    ),
}


@dataclass(frozen=True)
class Patience:
    """How long and how often."""

    accept_seconds: float = 1.0  # from a request's last byte to the first reply
    reply_seconds: float = 60.0  # from there to each next one: a network takes its time
    quiet_seconds: float = 1.0  # without a byte, where a reply has begun or noise was heard
    attempts: int = 4


class Conversation:
    """Requests over one link, numbered so that a late reply to an earlier one is known as such."""

    def __init__(self, link: Link, patience: Patience) -> None:
        self.address = link.address
        self._link = link
        self._patience = patience
        self._sequences = cycle(range(1, 256))  # 0 is what a start says
        self._line_free_at = deadline_after(0.0)

    def ask(self, question: Question) -> tuple[Frame, ...]:
        """The replies, the last one last. Raises DeviceError, in bounded time, with what to do."""
        worst = Failed(Trouble.SILENCE)
        for attempt in range(self._patience.attempts):
            restarted = self._recover(question, worst, attempt) if attempt > 0 else None
            outcome = restarted or self._attempt(question)
            if not isinstance(outcome, Failed):
                return outcome
            worst = worst if outcome.trouble is Trouble.SILENCE else outcome  # noise tells more than silence
            if outcome.is_final:
                break
        raise DeviceError(self._sentence(worst))

    def _attempt(self, question: Question) -> tuple[Frame, ...] | Failed:
        attempt = Attempt(question, next(self._sequences))
        self._send(encode(attempt.request))
        deadline = self._line_free_at + self._patience.accept_seconds
        while True:
            try:
                data = self._hear(attempt, deadline)
            except DeviceError:
                if attempt.gone_quiet().trouble is not Trouble.FAULT:
                    raise
                data = b""  # an emulator ends with its core, and its connection too
            if not data:
                return attempt.gone_quiet()
            steps = attempt.steps
            outcome = attempt.take(data)
            if outcome is not None:
                return outcome
            if attempt.steps > steps:
                deadline = deadline_after(self._patience.reply_seconds)

    def _hear(self, attempt: Attempt, deadline: float) -> bytes:
        left = seconds_until(deadline)
        wait = min(left, self._patience.quiet_seconds) if attempt.is_unsettled else left
        return self._link.read(wait) if wait > 0 else b""

    def _recover(self, question: Question, failed: Failed, attempt: int) -> Failed | None:
        """Bring a device that waits for lost bytes to the end of its frame, and let what is under way pass."""
        if failed.trouble is not Trouble.REFUSED:
            left = LEFT_BY_OTHERS[min(attempt, len(LEFT_BY_OTHERS)) - 1] if question.kind == "i" else 0
            self._send(bytes(max(left, question.size)))
        passed = b""
        deadline = deadline_after(SETTLE_AT_MOST)
        while seconds_until(deadline) > 0 and (data := self._link.read(SETTLE_SECONDS)):
            passed = (passed + data)[-REMEMBERED:]
        return Failed(Trouble.RESTARTED, is_final=True) if question.kind != "i" and tells_start(passed) else None

    def _send(self, data: bytes) -> None:
        self._line_free_at = max(self._line_free_at, deadline_after(0.0)) + self.address.seconds(len(data))
        self._link.write(data)

    def _sentence(self, failed: Failed) -> str:
        patience = self._patience
        telling = f"the device at {{at}} {TELLING[failed.trouble]}"
        return telling.format(
            at=self.address,
            baud=self.address.baud,
            detail=failed.detail,
            attempts=patience.attempts,
            seconds=patience.reply_seconds,
        )
