/** A package that need not be installed: itself, or a note that says what is missing without it. */
export type OptionalPackage<M> = { readonly module: M } | { readonly note: string };

/** Loads an optional package; `consequence` completes "… is not installed: ". */
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
    if (absent) return { note: `${name} is not installed: ${consequence}. npm install ${name}` };
    return { note: `${name} cannot be loaded (${text}): ${consequence}` };
  }
}
