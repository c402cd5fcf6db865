import { errors } from '../errors.js';

/** An optional package that could not be loaded. */
export interface MissingPackage {
  readonly name: string;
  /** What does not work without it. */
  readonly consequence: string;
  /** Why an installed package failed to load; absent when it is not installed. */
  readonly failure?: string;
}

/** A package that need not be installed: itself, or what is missing without it. */
export type OptionalPackage<M> = { readonly module: M } | { readonly missing: MissingPackage };

/** Loads an optional package. */
export async function loadOptional<M>(
  name: string,
  load: () => Promise<M>,
  consequence: string,
): Promise<OptionalPackage<M>> {
  try {
    return { module: await load() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const code = (error as { readonly code?: unknown } | undefined)?.code;
    // An installed package that fails to load is another matter than an absent one.
    const absent = (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && text.includes(name);
    return { missing: absent ? { name, consequence } : { name, consequence, failure: text } };
  }
}

/** One message for all that is missing, with the command that installs it; undefined when nothing is. */
export function missingPackagesProblem(missing: readonly MissingPackage[]): Error | undefined {
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name);
  const failures = missing.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name}: ${failure}`]));
  return errors.error('PACKAGE_MISSING', {
    what: `optional packages are ${failures.length === 0 ? 'not installed' : 'not usable'}: ${names.join(', ')}`,
    why: [...new Set(missing.map(({ consequence }) => consequence)), ...failures].join('; '),
    remedy: `If your own code uses OpenTelemetry: npm install ${names.join(' ')}. Everything else works without them.`,
  });
}
