import { expect, test } from '@jest/globals';
import { MostRead } from '../../../../src/cache/sampling/most-read.js';
import { ReadSampling, type SampledEntries } from '../../../../src/cache/sampling/read-sampling.js';
import { StalenessSampler } from '../../../../src/cache/sampling/staleness-sampler.js';
import { silentLogger } from '../../../../src/config/index.js';
import { ManualClock } from '../../../support/manual-clock.js';

const rows: SampledEntries = { model: 'User', checkedAs: 'row', nameOf: (key) => key };

function samplingOf(share: number) {
  const clock = new ManualClock();
  const mostRead = new MostRead(clock);
  const staleness = new StalenessSampler({ share }, { codec: null as never, clock, logger: silentLogger });
  return new ReadSampling(mostRead, staleness);
}

/** Answers so many hits, and gives how often one was drawn, and how often it was to be compared. */
function answer(sampling: ReadSampling, hits: number, entries: SampledEntries | null = rows) {
  let drawn = 0;
  let compared = 0;
  for (let hit = 0; hit < hits; hit += 1) {
    sampling.countdown -= 1;
    if (sampling.countdown > 0) continue;
    drawn += 1;
    sampling.draw(entries, 'k', () => {
      compared += 1;
      const nothing = async () => null;
      return { value: null, load: nothing, cached: nothing, drop: async () => undefined };
    });
  }
  return { drawn, compared };
}

test('hits are drawn at random, about as often as the share says', () => {
  const sampling = samplingOf(1 / 2_560);
  const { drawn, compared } = answer(sampling, 5_000_000);
  // 19,531 and 1,953 are to be expected, with deviations of 140 and 44.
  expect(Math.abs(drawn - 19_531)).toBeLessThan(900);
  expect(Math.abs(compared - 1_953)).toBeLessThan(300);
  const [most] = sampling.mostRead.most(1);
  expect(most).toMatchObject({ model: 'User', name: 'k' });
  expect(Math.abs((most?.reads ?? 0) - 5_000_000)).toBeLessThan(250_000);
});

test('every hit is drawn, and to be compared, with a share of 1', () => {
  expect(answer(samplingOf(1), 100)).toEqual({ drawn: 100, compared: 100 });
});

test('none is compared with a share of 0, and all the same noted', () => {
  const sampling = samplingOf(0);
  const { drawn, compared } = answer(sampling, 100_000);
  expect(drawn).toBeGreaterThan(200);
  expect(compared).toBe(0);
  expect(sampling.mostRead.most(1)).toHaveLength(1);
});

test('entries that nothing is known of, or that need not stay the same, are drawn and not compared', () => {
  const sampling = samplingOf(1);
  expect(answer(sampling, 10, null)).toEqual({ drawn: 10, compared: 0 });
  expect(sampling.mostRead.most(1)).toEqual([]);
  expect(answer(sampling, 10, { ...rows, checkedAs: null }).compared).toBe(0);
  expect(answer(sampling, 10, { ...rows, nameOf: () => null }).compared).toBe(10);
  expect(sampling.mostRead.most(1)).toEqual([{ model: 'User', name: 'k', reads: 10, error: 0 }]);
});
