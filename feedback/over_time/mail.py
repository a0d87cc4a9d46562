"""Speak to the mail server that a trust has configured, step by step, so that it is known whether a message was accepted.

`smtplib` sends in one call and raises the same error before and after the text has left; the steps are taken one by one here.
Nothing goes in the clear to another machine, no certificate is taken on trust, and every step has a time limit.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as LINES

from feedback.errors import BadInput
from feedback.over_time.subscriptions import Refused
from feedback.settings import Settings

SECONDS = 20.0  # for each step
LOCAL = ("127.0.0.1", "::1", "localhost")
MISSING = (
    "No mail server is configured: set FEEDBACK_SMTP_HOST and FEEDBACK_SMTP_FROM (and FEEDBACK_SMTP_PORT, _USER, _PASSWORD, _SECURITY), "
    "or write files with `feedback digest --out FOLDER`."
)


class MailServer:
    """An open connection to the mail server; see subscriptions.Sender."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp, self._sender = smtp, sender

    def offer(self, to: str) -> None:
        """Name sender and recipient. Raises Refused: nothing has left."""
        try:
            self._smtp.rset()
            for code, answer in (self._smtp.mail(self._sender), self._smtp.rcpt(to)):
                if code not in (250, 251):
                    raise Refused(f"the mail server refused sender or recipient ({code} {_plain(answer)}).")
        except (smtplib.SMTPException, OSError) as error:
            raise Refused(f"the mail server broke off ({type(error).__name__}).") from error

    def give(self, message: EmailMessage) -> None:
        """Hand the message over. Raises Refused where the server says no, OSError where it says nothing."""
        try:
            code, answer = self._smtp.data(message.as_bytes(policy=LINES))
        except smtplib.SMTPDataError as error:  # it would not even hear the text
            raise Refused(f"the mail server refused the message ({error.smtp_code}).") from error
        except smtplib.SMTPServerDisconnected as error:
            raise ConnectionResetError("the mail server went away") from error
        if code != 250:
            raise Refused(f"the mail server refused the message ({code} {_plain(answer)}).")


@contextmanager
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """A connection to the configured server. Raises BadInput in one sentence where there is none or it does not let us in."""
    host, sender = settings.smtp_host, settings.smtp_from
    if not host or not sender:
        raise BadInput(MISSING)
    if settings.smtp_security == "none" and host not in LOCAL:
        raise BadInput(
            "Mail to another machine is not sent in the clear: set FEEDBACK_SMTP_SECURITY to starttls or tls."
        )
    try:
        smtp = _connect(settings, host)
    except (smtplib.SMTPException, OSError) as error:
        why = getattr(error, "strerror", None) or getattr(error, "verify_message", None) or type(error).__name__
        raise BadInput(
            f"The mail server {host}:{settings.smtp_port} cannot be used ({why}); nothing was sent and nothing is lost, run it again later."
        ) from error
    try:
        yield MailServer(smtp, sender)
    finally:
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()


def _connect(settings: Settings, host: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, settings.smtp_port, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(host, settings.smtp_port, timeout=SECONDS)
    try:
        if settings.smtp_security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if settings.smtp_user:
            smtp.login(settings.smtp_user, settings.smtp_password or "")
    except BaseException:
        smtp.close()
        raise
    return smtp


def _plain(answer: bytes) -> str:
    """What a server said, for a sentence: one short line."""
    return " ".join(answer.decode("ascii", "replace").split())[:120]
