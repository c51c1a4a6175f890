"""The Lua scripts: whatever one transition stores is stored by one call of one of them.

Each gets the keys of one object: the hash of the state (``value``, ``sequence``, ``remembered``),
the stream of the log, the hash of the keys of ``once``, and the tokens. A script that fails leaves
what it wrote before, so each reads every key that it will write before it writes the first one: a
key of another type, a replica or a full memory then fail it while nothing is written yet.

A client sends a call again if its answer is lost. So each call has a token, which is kept for ten
minutes beside what the call stores: one that comes again finds its own token, and is answered as
the first one was. ``SETTLE`` is for the writer who got no answer at all: it says whether the call
was executed, and if not, voids its token, so that it never will be.
"""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError

from statecraft.compiler.questions import settled

if TYPE_CHECKING:
    from statecraft.redis.settings import Keys

SECONDS_OF_TOKENS = 600
"""How long a call is recognised when it comes again."""

_BEGINNING = f"""
local state, log, once, tokens = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function keep_token(token)
  redis.call('ZADD', tokens, now, token)
  redis.call('ZREMRANGEBYSCORE', tokens, '-inf', now - {SECONDS_OF_TOKENS}000)
  redis.call('PEXPIRE', tokens, {SECONDS_OF_TOKENS}000)
end

local function forget(entry)
  for index = 1, #entry[2], 2 do
    if entry[2][index] == 'once' then redis.call('HDEL', once, entry[2][index + 1]) end
  end
  redis.call('XDEL', log, entry[1])
end
"""

_STORE = """
local call = cjson.decode(ARGV[1])
if redis.call('ZSCORE', tokens, call.token) then return {'stored'} end
if call.once then
  local first = redis.call('HGET', once, call.once)
  if first then return {'repeated', first} end
end
local found = redis.call('HGET', state, 'value')
local as_expected = not call.expected or (not found and call.nothing)
for _, value in ipairs(call.expected or {}) do
  as_expected = as_expected or value == found
end
-- of a call that was voided, nobody reads the answer
if not as_expected or redis.call('ZSCORE', tokens, 'void ' .. call.token) then
  return {'stale', found}
end
redis.call('XLEN', log)

local function append(fields)
  local sequence = redis.call('HINCRBY', state, 'sequence', 1)
  redis.call('XADD', log, '*', 'sequence', sequence, unpack(fields))
end
keep_token(call.token)
if call.value then redis.call('HSET', state, 'value', call.value) end
if call.remembered then redis.call('HSET', state, 'remembered', call.remembered) end
if call.once then redis.call('HSET', once, call.once, call.answer) end
if call.record then
  if redis.call('HEXISTS', state, 'sequence') == 0 then append(call.creation) end
  table.insert(call.record, 'at')
  table.insert(call.record, time[1] .. string.format('.%06d', time[2]))
  append(call.record)
  local more = call.keep and redis.call('XLEN', log) - call.keep or 0
  if more > 0 then
    for _, entry in ipairs(redis.call('XRANGE', log, '-', '+', 'COUNT', more)) do forget(entry) end
  end
end
if call.ttl then
  for _, key in ipairs({state, log, once}) do redis.call('PEXPIREAT', key, now + call.ttl) end
end
return {'stored'}
"""

_SETTLE = """
if redis.call('ZSCORE', tokens, ARGV[1]) then return 'stored' end
keep_token('void ' .. ARGV[1])
return 'void'
"""

_LOOK = """
return {redis.call('HGET', state, 'value'), redis.call('HGET', once, ARGV[1])}
"""

_FORGET = """
for _, id in ipairs(ARGV) do
  for _, entry in ipairs(redis.call('XRANGE', log, id, id)) do forget(entry) end
end
return #ARGV
"""


class Script:
    """A script, known to the server by the hash of its text."""

    def __init__(self, text: str) -> None:
        self.text = _BEGINNING + text
        self.hash = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Any, keys: Keys, *arguments: str) -> Any:
        """Run it; a server that does not know it yet, or no longer, is told the text."""
        given = (4, *keys[:4], *arguments)
        try:
            return await settled(client.evalsha(self.hash, *given))
        except NoScriptError:
            return await settled(client.eval(self.text, *given))


STORE = Script(_STORE)
SETTLE = Script(_SETTLE)
LOOK = Script(_LOOK)
FORGET = Script(_FORGET)
