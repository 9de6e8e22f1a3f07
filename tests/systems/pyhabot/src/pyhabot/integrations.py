"""Where the bot tells what it found. Tokens are shown by their length, never themselves."""

import telegram_lite


class Misconfigured(Exception):
    pass


class Terminal:
    def __str__(self):
        return "terminal"

    async def tell(self, text):
        print(text, flush=True)


class Telegram:
    def __init__(self, settings):
        self._token = required(settings.telegram_token, "TELEGRAM_TOKEN")
        self._bot = telegram_lite.Bot(self._token, settings.telegram_api)
        self._chat = settings.chat

    def __str__(self):
        return f"telegram (a token of {len(self._token)} characters)"

    async def tell(self, text):
        await self._bot.send(self._chat, text)


class Discord:
    def __init__(self, settings, session):
        self._token = required(settings.discord_token, "DISCORD_TOKEN")
        self._url = f"{settings.discord_api}/channels/{settings.chat}/messages"
        self._session = session

    def __str__(self):
        return f"discord (a token of {len(self._token)} characters)"

    async def tell(self, text):
        headers = {"Authorization": f"Bot {self._token}"}
        async with self._session.post(self._url, json={"content": text}, headers=headers) as answer:
            answer.raise_for_status()


def required(token, name):
    if not token:
        raise Misconfigured(f"{name} is not set; {name}_FILE may name a file that holds it")
    return token


def integration(settings, session):
    match settings.integration:
        case "terminal":
            return Terminal()
        case "telegram":
            return Telegram(settings)
        case "discord":
            return Discord(settings, session)
        case other:
            raise Misconfigured(f"INTEGRATION is {other!r}; there are terminal, telegram and discord")
