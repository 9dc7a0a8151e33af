"""Complaints of the commands, in both languages; apart from `dvk up`, which loads much more."""

from rich.text import Text

from services.console.client.http_client import RequestRefused, Unanswered
from services.console.local.data_directory import CannotStart
from services.console.output.texts import Terminal, both, said_on
from shared.client.delivery import Item


def complain(console: Terminal, error: Exception) -> None:
    """Say what is wrong in both languages, where there are words for it."""
    if isinstance(error, CannotStart):
        console.print(
            Text(console.pick(error.vietnamese, error.english), "bold red"), soft_wrap=True
        )
        console.print(Text(console.pick(error.english, error.vietnamese)), soft_wrap=True)
        return
    if isinstance(error, RequestRefused):
        words = both("Sổ từ chối câu hỏi.", "The ledger refuses the question.")
    elif isinstance(error, Unanswered):
        words = both("Sổ không trả lời được.", "The ledger did not answer.")
    else:
        words = both("Không gửi được sự kiện.", "Events could not be delivered.")
    console.print(Text(words, style="bold red"), soft_wrap=True)
    console.print(Text(str(error)), soft_wrap=True)


def print_refused(console: Terminal, item: Item) -> None:
    """Print why an event that was sent is not recorded, from its answer."""
    problem = item.get("problem") or {}
    said_on(console)(
        f"Chưa ghi được: {problem.get('detail', item['status'])}",
        f"Not recorded: {problem.get('code', item['status'])}",
    )
