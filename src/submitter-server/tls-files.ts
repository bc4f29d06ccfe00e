import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** PEM files. */
export interface TlsFiles {
  /** The server's certificate, with what leads to its authority. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Client authorities: with them, a client must present a certificate that they signed. @default none */
  readonly clientCaFile?: string;
}

/** A TLS file cannot be read, or is not usable. */
export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

export interface WatchedTls {
  /** What the files held at first. */
  readonly secure: SecureContextOptions;
  /** No longer looks at the files. */
  close(): void;
}

const INTERVAL_MS = 2_000;

/**
 * Reads the files, and again whenever they change; what does not fit together (a certificate whose key is yet to come)
 * is passed over until it does.
 *
 * @throws TlsFilesError if one is not usable now
 */
export function watchTls(
  files: TlsFiles,
  onChange: (change: { readonly secure: SecureContextOptions } | { readonly error: Error }) => void,
  intervalMs = INTERVAL_MS,
): WatchedTls {
  let seen = contentOf(files);
  const secure = checked(seen);
  const look = () => {
    try {
      const content = contentOf(files);
      if (JSON.stringify(content) === JSON.stringify(seen)) return;
      seen = content;
      onChange({ secure: checked(content) });
    } catch (error) {
      onChange({ error: error as Error });
    }
  };
  const timer = setInterval(look, intervalMs).unref();
  return { secure, close: () => clearInterval(timer) };
}

function contentOf({ certFile, keyFile, clientCaFile }: TlsFiles): SecureContextOptions {
  return {
    cert: textOf(certFile),
    key: textOf(keyFile),
    ...(clientCaFile !== undefined && { ca: textOf(clientCaFile) }),
  };
}

function textOf(file: string): string {
  const text = read(file);
  // OpenSSL takes an empty text for one that was not given: a file that is being written would leave no certificate.
  if (text.trim() === '') throw new TlsFilesError(`${file} is empty.`);
  return text;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TlsFilesError(`${file} cannot be read: ${(error as Error).message}`, error);
  }
}

function checked(content: SecureContextOptions): SecureContextOptions {
  try {
    createSecureContext(content);
    return content;
  } catch (error) {
    const reason = (error as Error).message;
    throw new TlsFilesError(`Cannot use the certificate, its key or the client authorities: ${reason}`, error);
  }
}
