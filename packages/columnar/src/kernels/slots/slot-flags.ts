import { bytesForBits } from '../../batch/bits.js';

/** Which slots hold a value: one byte per slot, 0 until set. */
export class SlotFlags {
  anyNull = false;
  private flags = new Uint8Array(0);

  get bytes(): number {
    return this.flags.length;
  }

  reserve(count: number): void {
    if (count <= this.flags.length) return;
    const grown = new Uint8Array(Math.max(16, count, this.flags.length * 2));
    grown.set(this.flags);
    this.flags = grown;
  }

  /** The bytes themselves, for a loop; valid until the next `reserve`. */
  get values(): Uint8Array {
    return this.flags;
  }

  at(slot: number): number {
    return this.flags[slot] as number;
  }

  set(slot: number, valid: boolean): void {
    this.flags[slot] = valid ? 1 : 0;
    if (!valid) this.anyNull = true;
  }

  /** The bitmap of the given slots (or 0 … count − 1), or null when none is null. */
  toValidity(slots: Int32Array | null, count: number): Uint8Array | null {
    const bits = new Uint8Array(bytesForBits(count));
    let valid = 0;
    for (let i = 0; i < count; i++) {
      const flag = this.flags[slots === null ? i : (slots[i] as number)] as number;
      bits[i >> 3] = (bits[i >> 3] as number) | (flag << (i & 7));
      valid += flag;
    }
    return valid === count ? null : bits;
  }

  retain(slots: Int32Array): void {
    const kept = new Uint8Array(Math.max(16, slots.length));
    this.anyNull = false;
    slots.forEach((slot, i) => {
      kept[i] = this.flags[slot] as number;
      if (kept[i] === 0) this.anyNull = true;
    });
    this.flags = kept;
  }
}
