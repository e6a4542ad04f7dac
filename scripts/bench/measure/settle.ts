import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Collects all garbage, wherever node was started without `--expose-gc`. */
export function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

/** Collects the garbage of what ran before, so that nobody else pays for it, and lets what is under way end. */
export async function settle(): Promise<void> {
  collectGarbage();
  await delay(50);
}
