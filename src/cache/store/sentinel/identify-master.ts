import { newEpoch } from '../../epoch.js';
import type { KeySpace } from '../../keys.js';
import { encodeChange, endOf } from '../announcement.js';
import { type Identify, identifyBy } from '../redis-connection.js';
import { LIFT } from '../scripts.js';

/**
 * What is asked of a new master: whether it is another server than before, so that what it holds from its time as a replica
 * is no longer valid. For a while, others may have known the new master and this process the old one, which forgot its
 * fences when it became a replica; so whoever comes over invalidates what those others have cached meanwhile.
 *
 * @param process the name of this process
 */
export function identifyMaster(keys: KeySpace, process: string): Identify {
  const { namespace, registry, channel } = keys;
  const all = { keys: [], guards: [namespace] };
  let known: string | null = null;
  let moves = 0;
  return async ({ runId, run }) => {
    const isFirst = await identifyBy(run, keys, runId);
    if (known !== null && known !== runId) {
      moves += 1;
      const token = `${process}.master${moves}`;
      await run(
        LIFT,
        [registry, namespace.version, namespace.fences],
        [token, '0', channel, encodeChange(endOf(token), all), newEpoch(), ''],
      );
    }
    known = runId;
    return isFirst;
  };
}
