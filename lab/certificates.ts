import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PEM files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CertificateRequest {
  /** Name of the files. */
  readonly name: string;
  readonly commonName: string;
  /** What Kubernetes takes as the group. */
  readonly organization?: string;
  /** Names and addresses it is valid for; needed for servers. @default [] */
  readonly hostnames?: readonly string[];
  readonly ips?: readonly string[];
}

/** Signs the certificates of one lab; its files lie beside those it issues. Needs the program `openssl`. */
export interface CertificateAuthority {
  readonly certFile: string;
  readonly keyFile: string;
  /** For servers and clients alike; valid for a year. */
  issue(request: CertificateRequest): Promise<Certificate>;
}

export async function createCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const certFile = join(directory, 'ca.crt');
  const keyFile = join(directory, 'ca.key');
  await writeKey(keyFile, newKey());
  await sign(directory, 'ca', '/CN=temporal-spark-lab', 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign', [
    '-signkey',
    keyFile,
  ]);
  return {
    certFile,
    keyFile,
    async issue({ name, commonName, organization, hostnames = [], ips = [] }) {
      await writeKey(join(directory, `${name}.key`), newKey());
      const subject = `${organization === undefined ? '' : `/O=${organization}`}/CN=${commonName}`;
      const names = [...hostnames.map((host) => `DNS:${host}`), ...ips.map((ip) => `IP:${ip}`)];
      const extensions = [
        'keyUsage=digitalSignature,keyEncipherment',
        'extendedKeyUsage=serverAuth,clientAuth',
        ...(names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]),
      ];
      await sign(directory, name, subject, extensions.join('\n'), ['-CA', certFile, '-CAkey', keyFile]);
      return { certFile: join(directory, `${name}.crt`), keyFile: join(directory, `${name}.key`) };
    },
  };
}

export interface ServiceAccountKeys {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/** The RSA pair that signs and verifies the tokens of service accounts. */
export async function createServiceAccountKeys(directory: string): Promise<ServiceAccountKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateKeyFile = join(directory, 'service-account.key');
  const publicKeyFile = join(directory, 'service-account.pub');
  await writeKey(privateKeyFile, privateKey);
  await writeFile(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  return { privateKeyFile, publicKeyFile };
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

async function writeKey(file: string, key: KeyObject): Promise<void> {
  await writeFile(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}

async function sign(directory: string, name: string, subject: string, extensions: string, signer: string[]) {
  const request = join(directory, `${name}.csr`);
  const extensionFile = join(directory, `${name}.ext`);
  await writeFile(extensionFile, `${extensions}\n`);
  await openssl('req', '-new', '-sha256', '-key', join(directory, `${name}.key`), '-subj', subject, '-out', request);
  const serial = `0x${randomBytes(8).toString('hex')}`;
  await openssl(
    ...['x509', '-req', '-sha256', '-days', '365', '-set_serial', serial, '-in', request, ...signer],
    ...['-extfile', extensionFile, '-out', join(directory, `${name}.crt`)],
  );
  await Promise.all([rm(request), rm(extensionFile)]);
}

async function openssl(...args: string[]): Promise<void> {
  try {
    await run('openssl', args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error('The lab makes its certificates with the program `openssl`, which is not on the PATH.', {
        cause: error,
      });
    }
    throw error;
  }
}
