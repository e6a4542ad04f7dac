import type { Coherence } from '../../config/index.js';
import type { Clock } from '../clock.js';
import type { KeySpace } from '../keys.js';
import type { NearCache } from '../near/near-cache.js';
import { decodeMessage, encodeHeartbeat, processOf } from '../store/announcement.js';
import type { SharedStore } from '../store/shared-store.js';
import type { StoreGuard } from '../store-guard.js';
import type { Acknowledgements } from './acknowledgements.js';
import type { FleetChannel } from './fleet-channel.js';
import type { TimeLease } from './time-lease.js';
import type { FleetTiming } from './timing.js';
import type { Trust } from './trust.js';

/** This process's turn among those that share a task. */
export interface Turn {
  readonly rank: number;
  readonly count: number;
  /** The store's time, on the clock of which all processes agree. */
  readonly nowMs: number;
}

// Eventual near caches need no lease for their promise; this one bounds how long a silent connection goes unnoticed.
const EVENTUAL_LEASE_MS = 5_000;
// Heartbeats that did not come back within that many pulses are forgotten.
const HEARTBEATS_KEPT = 50;

/**
 * This process as one of those that share a cache: it says several times a second that it is alive, hears what the others
 * are about to change, and lets its near cache answer only while it cannot have missed anything.
 */
export class Fleet {
  readonly #process: string;
  readonly #coherence: Coherence;
  readonly #channel: FleetChannel | null;
  readonly #store: SharedStore;
  readonly #keys: KeySpace;
  readonly #guard: StoreGuard;
  readonly #near: NearCache | null;
  readonly #lease: TimeLease;
  readonly #trust: Trust;
  readonly #acknowledgements: Acknowledgements;
  readonly #timing: FleetTiming;
  readonly #clock: Clock;
  readonly #onTurn: (turn: Turn) => void;
  readonly #sent = new Map<number, number>();
  #count = 0;
  #listening = false;
  #started = false;
  #closed = false;

  constructor(options: {
    readonly process: string;
    readonly coherence: Coherence;
    /** Null where the store has none: then there is no near cache, and nobody is waited for but by time. */
    readonly channel: FleetChannel | null;
    readonly store: SharedStore;
    readonly keys: KeySpace;
    readonly guard: StoreGuard;
    readonly near: NearCache | null;
    readonly lease: TimeLease;
    readonly trust: Trust;
    readonly acknowledgements: Acknowledgements;
    readonly timing: FleetTiming;
    readonly clock: Clock;
    /** Told with each pulse. */
    readonly onTurn: (turn: Turn) => void;
  }) {
    this.#process = options.process;
    this.#coherence = options.coherence;
    this.#channel = options.channel;
    this.#store = options.store;
    this.#keys = options.keys;
    this.#guard = options.guard;
    this.#near = options.near;
    this.#lease = options.lease;
    this.#trust = options.trust;
    this.#acknowledgements = options.acknowledgements;
    this.#timing = options.timing;
    this.#clock = options.clock;
    this.#onTurn = options.onTurn;
  }

  /** Whether announcements come through to this process, those of its own among them. */
  get isListening(): boolean {
    return this.#listening;
  }

  /** Resolves when the first pulse was answered, or failed. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const own = this.#keys.acknowledgements(this.#process);
    const channels = this.#near === null ? [own] : [own, this.#keys.channel];
    this.#channel?.listen(channels, {
      onMessage: (channel, message) => this.#onMessage(channel, message),
      onLost: () => this.forget(),
    });
    await this.#pulse();
    void this.#beat();
  }

  /** Answers nothing from memory until a heartbeat has come through again. */
  forget(): void {
    this.#listening = false;
    this.#lease.lose();
    this.#near?.clear();
  }

  /** Sends no more pulses; the registry forgets this process by itself. */
  stop(): void {
    this.#closed = true;
    this.forget();
  }

  async #beat(): Promise<void> {
    while (!this.#closed) {
      const startedAt = this.#clock.now();
      await this.#clock.rest(this.#timing.pulseMs);
      if (this.#closed) return;
      await this.#pulse();
      // A pulse that hung has taken the next one's time.
      if (this.#clock.now() - startedAt > this.#timing.maxGapMs) this.#sent.clear();
    }
  }

  async #pulse(): Promise<void> {
    const strict = this.#near !== null && this.#coherence === 'strict';
    this.#count += 1;
    const count = this.#count;
    const sentAt = this.#clock.now();
    this.#remember(count, sentAt);
    const reply = await this.#guard.attemptUnasked(() =>
      this.#store.pulse({
        strict,
        leaseMs: this.#timing.leaseMs,
        // Also without a near cache: a connection through which nothing comes is taken for dead.
        channel: this.#near === null ? this.#keys.acknowledgements(this.#process) : this.#keys.channel,
        heartbeat: this.#channel === null ? '' : encodeHeartbeat(this.#process, count),
        maxGapMs: this.#timing.maxGapMs,
      }),
    );
    if (!reply.ok || reply.value === null) return;
    this.#trust.pulsed(sentAt, reply.value.upForMs);
    this.#onTurn(reply.value);
  }

  #remember(count: number, sentAt: number): void {
    this.#sent.set(count, sentAt);
    this.#sent.delete(count - HEARTBEATS_KEPT);
  }

  #onMessage(channel: string, text: string): void {
    if (channel !== this.#keys.channel) {
      if (this.#near === null && decodeMessage(text)?.kind === 'heartbeat') return;
      const separator = text.indexOf('\0');
      this.#acknowledgements.received(text.slice(separator + 1), text.slice(0, separator));
      return;
    }
    this.#listening = true;
    const message = decodeMessage(text);
    if (message === null) {
      // Of a version that speaks otherwise: what it changes is not known.
      this.#near?.clear();
      return;
    }
    if (message.kind === 'change') this.#onChange(message.token, message.keys, message.versions);
    else if (message.process === this.#process) this.#onHeartbeat(message.count);
  }

  #onChange(token: string, keys: readonly string[], versions: readonly string[]): void {
    this.#near?.drop(keys, versions);
    const writer = processOf(token);
    if (writer === this.#process) return;
    const channel = this.#channel;
    if (channel === null) return;
    // Not awaited: where it does not arrive, the writer waits until this process may no longer answer from memory.
    void this.#guard.attemptUnasked(() =>
      channel.publish(this.#keys.acknowledgements(writer), `${this.#process}\0${token}`),
    );
  }

  /** It came through the channel, so everything announced before it has come as well. */
  #onHeartbeat(count: number): void {
    const sentAt = this.#sent.get(count);
    this.#sent.delete(count);
    // One that was sent before may have come ahead of what was announced to make up for an outage.
    if (sentAt === undefined || sentAt <= this.#trust.trustedSince || this.#closed) return;
    const { leaseMs, leaseMarginMs } = this.#timing;
    this.#lease.extend(sentAt + (this.#coherence === 'strict' ? leaseMs - leaseMarginMs : EVENTUAL_LEASE_MS));
  }
}
