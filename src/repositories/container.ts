// tsyringe looks for the metadata API when it is loaded, so this comes first.
import 'reflect-metadata';

export { container, type DependencyContainer, inject, injectable } from 'tsyringe';
