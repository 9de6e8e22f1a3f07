import os

from celery import Celery

app = Celery("jobs", broker=os.environ["BROKER_URL"])
