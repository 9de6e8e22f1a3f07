import os

import requests

if __name__ == "__main__":
    requests.get(os.environ["MAIL_HOST"], timeout=5)
