import { describe, expect, test } from '@jest/globals';
import { redirectionIn } from '../../../../../src/cache/store/cluster/redirection.js';

describe('what a server of a cluster says instead of an answer', () => {
  const said = (message: string) => redirectionIn(new Error(message), '10.0.0.1');

  test('is where the slot is now', () => {
    expect(said('MOVED 3999 10.0.0.2:6381')).toEqual({ kind: 'moved', slot: 3999, address: '10.0.0.2:6381' });
  });

  test('is who is taking the slot over', () => {
    expect(said('ASK 3999 ::1:6381')).toEqual({ kind: 'ask', address: '::1:6381' });
  });

  test('leaves out the host where it is its own', () => {
    expect(said('MOVED 3999 :6381')).toEqual({ kind: 'moved', slot: 3999, address: '10.0.0.1:6381' });
  });

  test('is that the keys are on their way', () => {
    expect(said('TRYAGAIN Multiple keys request during rehashing of slot')).toEqual({ kind: 'unstable' });
  });

  test.each(['CLUSTERDOWN The cluster is down', 'ERR MOVED by accident', 'LATE nobody waits any more'])(
    'is none of these: %s',
    (message) => {
      expect(said(message)).toBeNull();
    },
  );
});
