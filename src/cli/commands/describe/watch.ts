import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 2_000;
/** To the upper left corner, and away with what is below. */
const CLEAR = '\u001b[H\u001b[2J';

/** A picture of something, and whether it will not change any more. */
export interface Picture {
  readonly text: string;
  readonly final: boolean;
}

/** Prints a picture each time it has changed, until it is final: in place on a terminal, else one below the other. */
export async function watch(look: () => Promise<Picture>): Promise<void> {
  let shown: string | undefined;
  for (;;) {
    const { text, final } = await look();
    if (text !== shown) {
      if (process.stdout.isTTY) process.stdout.write(CLEAR);
      else if (shown !== undefined) console.log();
      console.log(text);
      shown = text;
    }
    if (final) return;
    await delay(EVERY_MS);
  }
}
