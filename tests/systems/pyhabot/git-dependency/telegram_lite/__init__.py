"""One call of Telegram's bot interface: sendMessage."""

import asyncio
import json
import urllib.error
import urllib.request

__all__ = ["Bot", "TelegramError"]


class TelegramError(Exception):
    pass


class Bot:
    def __init__(self, token, api="https://api.telegram.org"):
        self._url = f"{api}/bot{token}/sendMessage"

    async def send(self, chat, text):
        return await asyncio.to_thread(self._post, {"chat_id": chat, "text": text})

    def _post(self, message):
        request = urllib.request.Request(
            self._url, json.dumps(message).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            # The address holds the token, so it is in no message of ours
            raise TelegramError(f"Telegram answers {error.code}") from None
        except (OSError, ValueError) as error:
            raise TelegramError(f"Telegram: {error}") from None
