import 'reflect-metadata'; // @peculiar/x509 needs it, and does not load it itself.
import { generateKeyPairSync, KeyObject, webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

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

/** Signs the certificates of one lab; its files lie next to those it issues. */
export interface CertificateAuthority {
  readonly certFile: string;
  readonly keyFile: string;
  /** For servers and clients alike; valid for a year. */
  issue(request: CertificateRequest): Promise<Certificate>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VALID_MS = 365 * 24 * 60 * 60 * 1000;

export async function createCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['temporal-spark-lab'] }],
    notAfter: new Date(Date.now() + VALID_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const files = await writeCertificate(directory, 'ca', certificate, keys);
  return {
    ...files,
    async issue({ name, commonName, organization, hostnames = [], ips = [] }) {
      const own = await newKeys();
      const names = [
        ...hostnames.map((value) => ({ type: 'dns' as const, value })),
        ...ips.map((value) => ({ type: 'ip' as const, value })),
      ];
      const issued = await x509.X509CertificateGenerator.create({
        subject: [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }],
        issuer: certificate.subjectName,
        notAfter: new Date(Date.now() + VALID_MS),
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
          // Python verifies strictly: it rejects a certificate without them.
          await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(certificate),
        ],
      });
      return writeCertificate(directory, name, issued, own);
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

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function writeCertificate(
  directory: string,
  name: string,
  certificate: x509.X509Certificate,
  { privateKey }: webcrypto.CryptoKeyPair,
): Promise<Certificate> {
  const certFile = join(directory, `${name}.crt`);
  const keyFile = join(directory, `${name}.key`);
  await writeFile(certFile, `${certificate.toString('pem')}\n`);
  await writeKey(keyFile, KeyObject.from(privateKey));
  return { certFile, keyFile };
}

async function writeKey(file: string, key: KeyObject): Promise<void> {
  await writeFile(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}
