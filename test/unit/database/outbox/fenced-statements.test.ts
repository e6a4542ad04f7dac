import { describe, expect, test } from '@jest/globals';
import {
  currentFencedWrite,
  type FencedWrite,
  fenceMarker,
  keepFencedWrite,
  runFenced,
  runUnfenced,
} from '../../../../src/database/outbox/fenced-statements.js';

const write = (marker: string): FencedWrite => ({ marker, isStanding: () => true });

describe('a marker', () => {
  test('is a comment that names the outbox and the tables', () => {
    expect(fenceMarker('holdfast_outbox', ['users', 'billing.invoices', 'My-Table$1'])).toBe(
      '/*holdfast holdfast_outbox:My-Table$1,billing.invoices,users*/ ',
    );
  });

  test('is the same for the same tables, in whatever order and however often they are named', () => {
    expect(fenceMarker('s', ['b', 'a', 'b'])).toBe(fenceMarker('s', ['a', 'b']));
  });

  test.each(['a b', 'a,b', 'a*/', '/*', "a'b", 'a"b', 'größe', 'a\nb', ''])(
    'leaves out the table %j, and is not made for an outbox of that name',
    (name) => {
      expect(fenceMarker('s', ['users', name])).toBe('/*holdfast s:users*/ ');
      expect(fenceMarker('s', [name])).toBeNull();
      expect(fenceMarker(name, ['users'])).toBeNull();
    },
  );

  test('is not made for no tables', () => {
    expect(fenceMarker('s', [])).toBeNull();
  });
});

describe('the fenced write that code runs in', () => {
  test('is the innermost, also after a wait, and none outside', async () => {
    const [outer, inner] = [write('outer'), write('inner')];
    const seen: (FencedWrite | null)[] = [currentFencedWrite()];
    await runFenced(outer, async () => {
      seen.push(currentFencedWrite());
      await runFenced(inner, async () => {
        await Promise.resolve();
        seen.push(currentFencedWrite());
      });
      await runUnfenced(async () => void seen.push(currentFencedWrite()));
      seen.push(currentFencedWrite());
    });
    seen.push(currentFencedWrite());
    expect(seen).toEqual([null, outer, inner, null, outer, null]);
  });

  test('is the one around a promise that starts only when it is waited for', async () => {
    const own = write('own');
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: this is what an operation of Prisma is
      then: (resolve: (value: FencedWrite | null) => void) => resolve(currentFencedWrite()),
    } as unknown as Promise<FencedWrite | null>;
    expect(await runFenced(own, () => lazy)).toBe(own);
  });

  test('stays with a callback, wherever it is called from', async () => {
    const [own, other] = [write('own'), write('other')];
    const look = (found: (FencedWrite | null)[]) =>
      keepFencedWrite(() => void found.push(currentFencedWrite()));
    const found: (FencedWrite | null)[] = [];
    const fromOutside = look(found);
    let fromInside = (): void => undefined;
    await runFenced(own, async () => {
      fromInside = look(found);
    });
    fromInside();
    await runFenced(other, async () => {
      fromInside();
      fromOutside();
      found.push(currentFencedWrite());
    });
    expect(found).toEqual([own, own, null, other]);
  });

  test('is gone after a failure, which goes through', async () => {
    const failure = new Error('no');
    await expect(runFenced(write('w'), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(currentFencedWrite()).toBeNull();
  });
});
