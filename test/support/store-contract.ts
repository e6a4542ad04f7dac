import { afterEach, beforeEach, describe } from '@jest/globals';
import { describeAbsence } from './store-contract/absence.js';
import { Bench, type StoreUnderTest } from './store-contract/bench.js';
import { describeFences } from './store-contract/fences.js';
import { describeGuards } from './store-contract/guards.js';
import { describeLeases } from './store-contract/leases.js';
import { describeLosses, type Loss } from './store-contract/losses.js';
import { describeRules } from './store-contract/rules.js';
import { describeShapes } from './store-contract/shapes.js';
import { describeTwoWriters } from './store-contract/two-writers.js';
import { describeValues } from './store-contract/values.js';

export type { StoreUnderTest } from './store-contract/bench.js';
export type { Loss } from './store-contract/losses.js';

/** What every shared store must do, whatever it is made of. The invariants are those of `SharedStore`. */
export function describeStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the contract of a shared store, kept by ${name}`, () => {
    const bench = openForEach(open);
    describeLeases(bench);
    describeFences(bench);
    describeTwoWriters(bench);
    describeGuards(bench);
    describeRules(bench);
    describeAbsence(bench);
    describeShapes(bench);
    describeValues(bench);
  });
}

/** The same for what a store over a server must do besides: the server may lose any key at any time. */
export function describeLossContract(name: string, open: () => Promise<StoreUnderTest & Loss>): void {
  describe(`what a store that may lose its keys must do, kept by ${name}`, () => {
    let loss: Loss | null = null;
    const bench = openForEach(async () => {
      const under = await open();
      loss = under;
      return under;
    });
    describeLosses(bench, () => given(loss));
  });
}

function openForEach(open: () => Promise<StoreUnderTest>): () => Bench {
  let under: StoreUnderTest | null = null;
  let bench: Bench | null = null;
  beforeEach(async () => {
    under = await open();
    bench = new Bench(under);
  });
  afterEach(() => under?.close());
  return () => given(bench);
}

function given<T>(value: T | null): T {
  if (value === null) throw new Error('The store is opened before each test, not before.');
  return value;
}
