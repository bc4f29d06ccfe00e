import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 2_000;
/** Moves the cursor to the upper left corner and clears the screen. */
const CLEAR = '\u001b[H\u001b[2J';

/** A printed state, and whether it is final. */
export interface Picture {
  /** @param now milliseconds since the epoch, for ages */
  readonly text: (now: number) => string;
  readonly final: boolean;
}

/** A state, as people and as programs read it. */
export interface DescribedState extends Picture {
  readonly document: object;
}

/** Prints a picture after each change, until it is final: in place on a terminal, otherwise one below the other. */
export async function watch(read: () => Promise<Picture>): Promise<void> {
  let shown: string | undefined;
  for (;;) {
    const { text, final } = await read();
    // A greater age is not a change.
    const ageless = text(0);
    if (ageless !== shown || process.stdout.isTTY) {
      if (process.stdout.isTTY) process.stdout.write(CLEAR);
      else if (shown !== undefined) console.log();
      console.log(text(Date.now()));
      shown = ageless;
    }
    if (final) return;
    await delay(EVERY_MS);
  }
}
