/** Strings as small numbers, so that records of them fit typed arrays; bounded, so that it cannot leak. */
export class InternedStrings {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = ['(other)'];
  private readonly limit: number;

  /** `limit`: at most this many distinct strings, at most 65535; further ones read back as `(other)`. */
  constructor(limit = 4096) {
    this.limit = limit;
  }

  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    if (this.texts.length > this.limit) return 0;
    const id = this.texts.push(text) - 1;
    this.ids.set(text, id);
    return id;
  }

  text(id: number): string {
    return this.texts[id] ?? '(other)';
  }
}
