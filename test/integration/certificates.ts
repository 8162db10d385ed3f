/** Authorities and certificates, made anew for each test file. */
import { generateKeyPair } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { TlsFiles } from '../../cluster/tls-fields.js';

const RSA_BITS = 2048;
const DAY_MS = 86_400_000;

export interface Issued {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Keys {
  readonly pem: string;
  readonly private: forge.pki.rsa.PrivateKey;
  readonly public: forge.pki.rsa.PublicKey;
}

export class Authority {
  #serial = 1;
  readonly pem: string;

  private constructor(
    readonly name: string,
    readonly own: Keys,
    /** Of all that it signs: making keys is what takes long. */
    readonly leaf: Keys,
  ) {
    this.pem = this.#signed(name, own, [{ name: 'basicConstraints', cA: true, critical: true }]);
  }

  static async make(name: string): Promise<Authority> {
    const [own, leaf] = await Promise.all([newKeys(), newKeys()]);
    return new Authority(name, own, leaf);
  }

  /** For a node at these hosts, or for a client alone. */
  issue(subject: string, hosts: readonly string[] = [], isForClientsAlone = hosts.length === 0): Issued {
    const names = hosts.map((host) => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }));
    const extensions = [
      ...(hosts.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
      { name: 'extKeyUsage', clientAuth: true, serverAuth: !isForClientsAlone },
    ];
    return { ca: this.pem, cert: this.#signed(subject, this.leaf, extensions), key: this.leaf.pem };
  }

  #signed(subject: string, keys: Keys, extensions: object[]): string {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = keys.public;
    certificate.serialNumber = (this.#serial++).toString(16).padStart(2, '0');
    certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
    certificate.validity.notAfter = new Date(Date.now() + DAY_MS);
    certificate.setSubject([{ name: 'commonName', value: subject }]);
    certificate.setIssuer([{ name: 'commonName', value: this.name }]);
    certificate.setExtensions(extensions);
    certificate.sign(this.own.private, forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  }
}

async function newKeys(): Promise<Keys> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const key = forge.pki.privateKeyFromPem(pem);
  return { pem, private: key, public: forge.pki.setRsaPublicKey(key.n, key.e) };
}

export interface CertificateFolder {
  readonly folder: string;
  readonly tls: TlsFiles;
  remove(): Promise<void>;
}

/** Files as a cluster file names them; each node's certificate holds these hosts. */
export async function certificateFolder(
  authority: Authority,
  nodes: readonly string[],
  hosts: readonly string[] = ['127.0.0.1', 'localhost'],
): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-certs-'));
  const at = (file: string): string => join(folder, file);
  await writeFile(at('ca.pem'), authority.pem);
  const issued = [
    ...nodes.map((id) => [id, authority.issue(id, hosts)] as const),
    ['client', authority.issue('client')] as const,
  ];
  for (const [id, { cert, key }] of issued) {
    await writeFile(at(`${id}.pem`), cert);
    await writeFile(at(`${id}.key`), key);
  }
  const client = { cert: at('client.pem'), key: at('client.key') };
  return {
    folder,
    tls: { ca: at('ca.pem'), cert: at('{id}.pem'), key: at('{id}.key'), client },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
