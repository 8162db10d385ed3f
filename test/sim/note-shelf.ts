import type { Note, NoteChange, NoteSpace } from '../../src/ports/store.js';

/** The notes of a store that is made of objects. */
export class NoteShelf {
  readonly #spaces = new Map<NoteSpace, Map<string, Uint8Array>>();

  change(changes: readonly NoteChange[]): void {
    for (const { space, name, bytes } of changes) {
      const notes = this.#spaces.get(space) ?? new Map<string, Uint8Array>();
      this.#spaces.set(space, notes);
      if (bytes === null) notes.delete(name);
      else notes.set(name, bytes);
    }
  }

  list(space: NoteSpace, prefix: string, after: string, limit: number): Note[] {
    return Array.from(this.#spaces.get(space) ?? [], ([name, bytes]) => ({ name, bytes }))
      .filter(({ name }) => name.startsWith(prefix) && name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }
}
