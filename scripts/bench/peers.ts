import type { PrismaClient } from './library.js';

/*
 * What is measured against, loaded from scripts/bench/node_modules. Only what the scenarios use of each is typed, by its
 * shape, so that the compiler does not need them installed.
 */

/** bentocache, a two-tier cache: https://bentocache.dev */
export interface BentoCacheModule {
  readonly BentoCache: new (options: {
    readonly default: string;
    readonly stores: Readonly<Record<string, BentoStore>>;
  }) => {
    get(options: { readonly key: string }): Promise<unknown>;
    set(options: { readonly key: string; readonly value: unknown; readonly ttl?: string }): Promise<boolean>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): BentoStore;
}

interface BentoStore {
  useL1Layer(driver: unknown): BentoStore;
}

interface BentoMemoryModule {
  memoryDriver(options: { readonly maxItems: number; readonly serialize: boolean }): unknown;
}

/** cacheable, a cache of layers on Keyv: https://cacheable.org */
interface CacheableModule {
  readonly Cacheable: new (options: {
    readonly primary: unknown;
  }) => {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown, ttl: string): Promise<boolean>;
    disconnect(): Promise<void>;
  };
  createKeyv(options: { readonly useClone: boolean; readonly lruSize: number }): unknown;
}

interface IoredisModule {
  readonly Redis: new (url: string) => IoredisClient;
}

export interface IoredisClient {
  disconnect(): void;
}

interface PrismaExtensionRedisModule {
  PrismaExtensionRedis(options: {
    readonly config: {
      readonly ttl: number;
      readonly stale: number;
      readonly type: 'STRING' | 'JSON';
      readonly auto: { readonly ttl: number; readonly stale: number; readonly invalidateOnWrite: boolean };
    };
    readonly client: IoredisClient;
  }): Parameters<PrismaClient['$extends']>[0];
}

export interface EchartsModule {
  init(
    element: null,
    theme: null,
    options: {
      readonly renderer: 'svg';
      readonly ssr: true;
      readonly width: number;
      readonly height: number;
    },
  ): {
    setOption(option: object): void;
    renderToSVGString(): string;
    dispose(): void;
  };
}

export const loadBentoCache = (): Promise<BentoCacheModule> => load('bentocache');
export const loadBentoMemory = (): Promise<BentoMemoryModule> => load('bentocache/drivers/memory');
export const loadCacheable = (): Promise<CacheableModule> => load('cacheable');
export const loadIoredis = (): Promise<IoredisModule> => load('ioredis');
export const loadPrismaExtensionRedis = (): Promise<PrismaExtensionRedisModule> =>
  load('prisma-extension-redis');
export const loadEcharts = (): Promise<EchartsModule> => load('echarts');

async function load<Module>(name: string): Promise<Module> {
  return (await import(name)) as Module;
}
