"""One client of Redis for what we keep there ourselves, with an end to every wait."""

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

AWAY = redis.RedisError

client = redis.Redis.from_url(
    settings.REDIS_URL,
    socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
    socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
    retry=Retry(NoBackoff(), 0),
)
