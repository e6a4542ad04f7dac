/* Asks Redis for an answer again and again, and tells how long each took. */
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createClient } from 'redis';

const client = createClient({ url: workerData.url });
const times = [];
let running = true;
parentPort.once('message', () => {
  running = false;
});
await client.connect();
while (running) {
  const startedAt = performance.now();
  await client.ping();
  times.push(performance.now() - startedAt);
  await pause(workerData.pauseMs);
}
client.destroy();
parentPort.postMessage(times);
