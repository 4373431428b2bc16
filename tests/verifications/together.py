import threading
from collections.abc import Callable
from typing import Any


def at_once(times: int, call: Callable[[threading.Barrier], Any]) -> list[Any]:
    """Do the call in so many threads at the same moment; what each returned or raised.

    Each is handed a barrier on which all of them can wait again, in the midst of it.
    """
    start, midst = threading.Barrier(times), threading.Barrier(times)
    results: list[Any] = []

    def run() -> None:
        start.wait(timeout=10)
        try:
            results.append(call(midst))
        except Exception as exc:
            results.append(exc)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
