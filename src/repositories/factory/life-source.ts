import { createHash } from 'node:crypto';
import { type Config, loadConfig } from '../../config/index.js';
import { describeClient } from '../../database/prisma-client.js';
import { FactoryLife } from './factory-life.js';
import { type SharedIdentity, type SharedLife, sharedLife } from './shared-lives.js';
import { type Wiring, type WiringOptions, wire } from './wiring.js';

/** Where a factory has its lives from. */
export interface LifeSource {
  /** The life to be lived now, or after the last one. */
  next(): HeldLife;
}

/** A life, as one factory holds it. */
export interface HeldLife {
  readonly life: FactoryLife;
  /** Whether it was closed for a newer one, so that who still needs it makes another. */
  readonly isRetired: boolean;
  /** What the factory makes of the life's parts. */
  wiringOf(parts: Wiring): Wiring;
  /** Notes that something was asked of it. */
  used(): void;
}

// To be raised when what is kept in the registry changes its form: two versions of holdfast do not share.
const LAYOUT = 1;

/** Lives that nobody shares. */
export function ownLives(setup: WiringOptions): LifeSource {
  return {
    next: () => ({
      life: new FactoryLife(() => wire(setup)),
      isRetired: false,
      wiringOf: (parts) => parts,
      used: () => undefined,
    }),
  };
}

/**
 * Lives on the settings of the environment that every factory of the same name, settings and schema shares, whichever
 * evaluation of whichever build made it. Repositories and extensions are each one's own.
 */
export function sharedLives(setup: WiringOptions): LifeSource {
  let last: SharedLife | null = null;
  let made: Wiring | null = null;
  return {
    next: () => {
      const config = loadConfig();
      const make = (): Wiring => {
        made = wire({ ...setup, options: { config } });
        return made;
      };
      const shared = sharedLife(identityOf(setup, config), make, last);
      last = shared;
      return {
        life: shared.life,
        get isRetired() {
          return shared.isRetired;
        },
        wiringOf: (parts) => (parts === made ? parts : wire({ ...setup, shared: parts })),
        used: () => {
          shared.uses += 1;
        },
      };
    },
  };
}

function identityOf({ schema }: WiringOptions, config: Config): SharedIdentity {
  const { PrismaClient, metadata = null, name = 'default' } = schema;
  const { text, models } = describeClient(PrismaClient);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([LAYOUT, config, metadata, text]))
    .digest('base64url');
  return { name, fingerprint, models, environment: config.environment };
}
