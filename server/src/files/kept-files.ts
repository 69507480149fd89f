import { access, type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that were made for somebody and can be fetched for a while: the newest are kept. */
export class KeptFiles {
  readonly #folder: string;
  readonly #most: number;

  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /** Opens a new file under an id, which rises with time; the oldest beyond those that are kept go. */
  async create(id: number): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const ids = (await readdir(this.#folder)).map(Number).sort((a, b) => b - a);
    for (const old of ids.slice(this.#most - 1)) await rm(this.#path(old), { force: true });
    return open(this.#path(id), 'wx', 0o600);
  }

  /** Where a file is; null when it is not kept any more. */
  async find(id: number): Promise<string | null> {
    return access(this.#path(id)).then(
      () => this.#path(id),
      () => null,
    );
  }

  async remove(id: number): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  #path(id: number): string {
    return join(this.#folder, String(id));
  }
}
