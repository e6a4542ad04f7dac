import type { UpstashConfig } from '../../../config/index.js';
import { RedisStore } from '../redis-store.js';
import type { RemoteStoreOpener } from '../remote-store.js';
import { UpstashLink } from './upstash-link.js';

// Each pulse is a command that is paid for: at one a second, 2,630,000 a month from each process.
const PULSE_MS = 1_000;

/** Upstash over REST. It offers no channel, so there are no near caches. */
export function upstashOpener(upstash: UpstashConfig): RemoteStoreOpener {
  const { commandTimeoutMs, connectTimeoutMs } = upstash;
  return ({ keys, process, logger }) => {
    const link = new UpstashLink(upstash, keys, logger);
    const store = new RedisStore(link, keys, process, commandTimeoutMs, 'upstash');
    return { store, channel: null, commandTimeoutMs, connectTimeoutMs, pulseMs: PULSE_MS };
  };
}
