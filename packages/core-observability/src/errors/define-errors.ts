import { type ErrorKind, SabotError, type SabotErrorOptions } from './sabot-error.js';

/** The declaration of one error code: data from which `docs/reference/errors.md` is generated. */
export interface ErrorDeclaration {
  readonly kind: ErrorKind;
  /** One sentence: when this code is raised. */
  readonly summary: string;
  /** What the reader should do; a throw site may say it more precisely. */
  readonly remedy: string;
}

export type ErrorDeclarations = Readonly<Record<string, ErrorDeclaration>>;

/** A package's error codes, and the one way to make an error with one of them. */
export interface ErrorCatalogue<D extends ErrorDeclarations = ErrorDeclarations> {
  /** The package: `stream` gives codes such as `SABOT_STREAM_SOURCE_FAILED`. */
  readonly component: string;
  readonly declarations: D;
  /** Makes (does not throw) an error of a declared code. */
  error(name: keyof D & string, options: SabotErrorOptions): SabotError;
  /** The full code of a declared name. */
  code(name: keyof D & string): string;
}

/** Declares a package's error codes; names are `UPPER_SNAKE` and get the prefix `SABOT_<COMPONENT>_`. */
export function defineErrors<const D extends ErrorDeclarations>(component: string, declarations: D): ErrorCatalogue<D> {
  const prefix = `SABOT_${component.toUpperCase().replaceAll('-', '_')}_`;
  const declared = (name: keyof D & string): ErrorDeclaration => declarations[name] as ErrorDeclaration;
  return {
    component,
    declarations,
    code: (name) => prefix + name,
    error: (name, options) =>
      new SabotError(prefix + name, declared(name).kind, {
        ...options,
        remedy: options.remedy ?? declared(name).remedy,
      }),
  };
}
