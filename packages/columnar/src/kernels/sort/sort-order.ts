/** How one column orders rows. */
export interface SortOrder {
  /** Greatest first. Default false. */
  readonly descending?: boolean;
  /** Nulls before all values, whatever the direction. Default false: nulls last. */
  readonly nullsFirst?: boolean;
}
