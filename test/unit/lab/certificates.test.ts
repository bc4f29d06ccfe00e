import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  createServiceAccountKeys,
} from '../../../lab/certificates.ts';

let directory: string;
let authority: CertificateAuthority;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'certificates-test-'));
  authority = await createCertificateAuthority(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

test('a certificate carries user and group as Kubernetes reads them, and the names of a server', async () => {
  const { certFile, keyFile } = await authority.issue({
    name: 'kubelet',
    commonName: 'system:node:node-1',
    organization: 'system:nodes',
    hostnames: ['node-1'],
    ips: ['10.244.0.1'],
  });
  const certificate = read(certFile);
  expect(certificate.subject.split('\n').sort()).toEqual(['CN=system:node:node-1', 'O=system:nodes']);
  expect(certificate.checkHost('node-1')).toBe('node-1');
  expect(certificate.checkIP('10.244.0.1')).toBe('10.244.0.1');
  expect(certificate.checkIP('10.244.0.2')).toBeUndefined();
  expect(certificate.verify(read(authority.certFile).publicKey)).toBe(true);
  expect(statSync(keyFile).mode & 0o077).toBe(0);
});

test('server and client trust each other by the authority alone', async () => {
  const server = await authority.issue({ name: 'server', commonName: 'server', ips: ['127.0.0.1'] });
  const client = await authority.issue({ name: 'client', commonName: 'admin', organization: 'system:masters' });
  const load = ({ certFile, keyFile }: { certFile: string; keyFile: string }) => ({
    ca: readFileSync(authority.certFile),
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
  });
  const peer = await new Promise<string>((resolve, reject) => {
    const listener = createServer({ ...load(server), requestCert: true, rejectUnauthorized: true }, (socket) => {
      resolve(String(socket.getPeerCertificate().subject.O));
      socket.end();
      listener.close();
    });
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as { port: number };
      connect({ host: '127.0.0.1', port, ...load(client) }).on('error', reject);
    });
  });
  expect(peer).toBe('system:masters');
});

test('the pair for service accounts belongs together', async () => {
  const { privateKeyFile, publicKeyFile } = await createServiceAccountKeys(directory);
  const derived = createPublicKey(readFileSync(privateKeyFile)).export({ type: 'spki', format: 'pem' });
  expect(readFileSync(publicKeyFile, 'utf8')).toBe(derived);
});
