/** A planted bug: one piece of the compiled code replaced by another. */
export interface Mutant {
  /** As PROTOCOL.md's list of planted bugs has it. */
  readonly name: string;
  /** Below src, without the ending. */
  readonly file: string;
  /** The code to replace: found exactly once, however it is spaced. */
  readonly find: string;
  readonly by: string;
}

/** Throws where the code is not there exactly once: then the mutant has to follow the code. */
export function plant({ name, file, find, by }: Mutant, code: string): string {
  const pattern = find
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s*');
  const found = [...code.matchAll(new RegExp(pattern, 'g'))];
  if (found.length !== 1) throw new Error(`mutant "${name}": ${found.length} places in ${file} look like: ${find}`);
  const [{ index, 0: text }] = found as [RegExpExecArray];
  return code.slice(0, index) + by + code.slice(index + text.length);
}
