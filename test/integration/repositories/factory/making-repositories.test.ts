import { afterAll, describe, expect, test } from '@jest/globals';
import { loadConfig, silentLogger } from '../../../../src/config/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { PrismaClient, ProjectRepository, UserRepository } from '../../../../src/domain/index.js';
import {
  BaseRepository,
  type DependencyContainer,
  defineRepositoryFactory,
  delay,
  inject,
  injectable,
  type Logger,
  REPOSITORY_CONTEXT,
  type RepositoryClass,
  type RepositoryContext,
  repositoryToken,
  TOKENS,
  WiringError,
} from '../../../../src/index.js';

const schema = { PrismaClient, metadata: schemaMetadata };
const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing' });
type Users = PrismaClient['user'];

/** Nothing here connects, so no server is needed; each factory is shut down at the end. */
const factories: { shutdown(): Promise<void> }[] = [];
afterAll(async () => {
  for (const factory of factories) await factory.shutdown();
});

function made<Class extends RepositoryClass>(
  Class: Class,
  register: (container: DependencyContainer) => void = () => undefined,
): InstanceType<Class> {
  const Factory = defineRepositoryFactory({ one: Class }, schema);
  const factory = new Factory({ config, logger: silentLogger, register });
  factories.push(factory);
  const one = factory.getOneRepository();
  expect(factory.getOneRepository()).toBe(one);
  return one;
}

class Plain extends BaseRepository<Users> {
  readonly given: readonly unknown[];

  constructor(context: RepositoryContext, ...rest: unknown[]) {
    super(context, { model: 'User' });
    this.given = rest;
  }
}

describe('a repository class without injections', () => {
  test('is given the context and nothing else', () => {
    const plain = made(Plain);
    expect(plain).toBeInstanceOf(Plain);
    expect(plain.given).toEqual([]);
  });

  test('may have no constructor of its own, or one with defaults', () => {
    class Heir extends Plain {}
    class Defaulting extends Plain {
      constructor(
        context: RepositoryContext,
        readonly size = 7,
      ) {
        super(context, size);
      }
    }
    expect(made(Heir)).toBeInstanceOf(Heir);
    expect(made(Defaulting).given).toEqual([7]);
  });

  test('may be decorated by something else, for which the compiler notes types that cannot be injected', () => {
    const marked = (_class: unknown): void => undefined;
    @marked
    class Marked extends Plain {
      constructor(context: RepositoryContext, name = 'unnamed', options: object = {}) {
        super(context, name, options);
      }
    }
    expect(made(Marked).given).toEqual(['unnamed', {}]);
  });
});

describe('a repository class with injections', () => {
  test('is given what it asks for', () => {
    @injectable()
    class Asking extends Plain {
      constructor(
        @inject(TOKENS.logger) logger: Logger,
        @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
        @inject(TOKENS.config) third: unknown,
      ) {
        super(context, logger, third);
      }
    }
    const asking = made(Asking);
    expect(asking.given[0]).toBe(silentLogger);
    expect(asking.given[1]).toBe(config);
  });

  test('needs @inject alone, without @injectable', () => {
    class Undecorated extends Plain {
      constructor(context: RepositoryContext, @inject(TOKENS.logger) logger: Logger) {
        super(context, logger);
      }
    }
    expect(made(Undecorated).given[0]).toBe(silentLogger);
  });

  test('is given the instance of a class that the compiler noted as the type of a parameter', () => {
    class Mailer {
      readonly sends = 'letters';
    }
    @injectable()
    class ByType extends Plain {
      constructor(context: RepositoryContext, mailer: Mailer) {
        super(context, mailer);
      }
    }
    expect(made(ByType).given[0]).toBeInstanceOf(Mailer);
  });

  test('hands them on to a class that extends it without a constructor, decorated or not', () => {
    @injectable()
    class Asking extends Plain {
      constructor(
        @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
        @inject(TOKENS.logger) logger: Logger,
      ) {
        super(context, logger);
      }
    }
    class Silent extends Asking {}
    @injectable()
    class Decorated extends Asking {}
    class Own extends Asking {
      constructor(context: RepositoryContext) {
        super(context, silentLogger);
      }
    }
    for (const Class of [Silent, Decorated, Own]) {
      const one = made(Class);
      expect(one).toBeInstanceOf(Class);
      expect(one.constructor).toBe(Class);
      expect(one.given[0]).toBe(silentLogger);
    }
  });

  test('may leave a parameter to its default, and is refused where one has none', () => {
    @injectable()
    class WithDefault extends Plain {
      constructor(
        @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
        size = 3,
        @inject(TOKENS.logger) logger: Logger | null = null,
      ) {
        super(context, size, logger);
      }
    }
    expect(made(WithDefault).given).toEqual([3, silentLogger]);
    @injectable()
    class Forgetful extends Plain {
      constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext, size: number) {
        super(context, size);
      }
    }
    expect(() => made(Forgetful)).toThrow(/Forgetful does not say what its parameter 2 is to be given/);
  });

  test('is refused where it asks for what nobody has registered', () => {
    class Lost extends Plain {
      constructor(context: RepositoryContext, @inject('mailer') mailer: unknown) {
        super(context, mailer);
      }
    }
    expect(() => made(Lost)).toThrow(WiringError);
    expect(() => made(Lost)).toThrow(/position #1 of "Lost".*mailer/s);
    expect(made(Lost, (container) => container.registerInstance('mailer', 'here')).given).toEqual(['here']);
  });

  test('may have what it asks for be optional', () => {
    class Choosy extends Plain {
      constructor(
        context: RepositoryContext,
        @inject('nobody registers this', { isOptional: true }) nothing?: unknown,
      ) {
        super(context, nothing);
      }
    }
    expect(made(Choosy).given).toEqual([undefined]);
  });
});

describe('repositories that need each other', () => {
  test('are given the one instance, by class or by token', () => {
    @injectable()
    class Report {
      constructor(
        @inject(UserRepository) readonly byClass: UserRepository,
        @inject(repositoryToken('user')) readonly byToken: UserRepository,
      ) {}
    }
    class Summing extends Plain {
      constructor(
        context: RepositoryContext,
        @inject(Report) readonly report: Report,
      ) {
        super(context);
      }
    }
    const Factory = defineRepositoryFactory({ user: UserRepository, summing: Summing }, schema);
    const factory = new Factory({ config, logger: silentLogger });
    factories.push(factory);
    const { report } = factory.getSummingRepository();
    expect(report.byClass).toBe(factory.getUserRepository());
    expect(report.byToken).toBe(factory.getUserRepository());
  });

  test('in a circle are refused, unless one is injected late', () => {
    @injectable()
    class Egg extends Plain {
      constructor(context: RepositoryContext, @inject(repositoryToken('hen')) hen: Plain) {
        super(context, hen);
      }
    }
    @injectable()
    class Hen extends Plain {
      constructor(context: RepositoryContext, @inject(repositoryToken('egg')) egg: Plain) {
        super(context, egg);
      }
    }
    @injectable()
    class PatientHen extends Plain {
      constructor(context: RepositoryContext, @inject(delay(() => Egg)) egg: Egg) {
        super(context, egg);
      }
    }
    const Circle = defineRepositoryFactory({ egg: Egg, hen: Hen }, schema);
    const circle = new Circle({ config, logger: silentLogger });
    factories.push(circle);
    expect(() => circle.getEggRepository()).toThrow(WiringError);
    expect(() => circle.getEggRepository()).toThrow(/Egg needs a repository that needs Egg/);
    const late = new Circle({ config, logger: silentLogger, repositories: { hen: PatientHen } });
    factories.push(late);
    expect((late.getHenRepository().given[0] as Egg).model).toBe('User');
    expect(late.getEggRepository().given[0]).toBe(late.getHenRepository());
  });
});

describe('the repositories of the reference domain', () => {
  test('are made in either way', () => {
    expect(made(UserRepository)).toBeInstanceOf(UserRepository);
    expect(made(ProjectRepository)).toBeInstanceOf(ProjectRepository);
  });
});
