// tsyringe looks for the metadata API when it is loaded, so this comes first.
import 'reflect-metadata';

export {
  container,
  type DependencyContainer,
  delay,
  inject,
  injectable,
  instanceCachingFactory,
} from 'tsyringe';
