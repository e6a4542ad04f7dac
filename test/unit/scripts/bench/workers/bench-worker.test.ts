import { describe, expect, test } from '@jest/globals';
import { BenchWorker } from '../../../../../scripts/bench/workers/bench-worker.js';

const FILE = new URL('./answering-worker.mjs', import.meta.url);

type EchoCommands = {
  readonly echo: (text: string) => Promise<string>;
  readonly fail: (nothing: null) => Promise<void>;
  readonly die: (nothing: null) => Promise<void>;
};

describe('a process of the benchmark', () => {
  test('answers what it is asked, and says what went wrong', async () => {
    const worker = await BenchWorker.start<EchoCommands>(FILE, null);
    try {
      await expect(Promise.all([worker.ask('echo', 'a'), worker.ask('echo', 'b')])).resolves.toEqual([
        'a',
        'b',
      ]);
      await expect(worker.ask('fail', null)).rejects.toThrow('answering-worker.mjs: that went wrong');
    } finally {
      await worker.close();
    }
  });

  test('that does not start fails whoever starts it, with its last words', async () => {
    await expect(BenchWorker.start(FILE, 'die')).rejects.toThrow(
      /ended with code 3\nno connection to be had/,
    );
  });

  test('of which one does not start leaves none of them', async () => {
    await expect(BenchWorker.startAll(FILE, [null, 'die'])).rejects.toThrow('no connection to be had');
  });

  test('that dies fails whoever waits for it, and whoever asks later', async () => {
    const worker = await BenchWorker.start<EchoCommands>(FILE, null);
    await expect(worker.ask('die', null)).rejects.toThrow('it ended with SIGKILL');
    await expect(worker.ask('echo', 'a')).rejects.toThrow('it has ended before');
    await worker.close();
  });
});
