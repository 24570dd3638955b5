// Checks an erasure certificate with nothing but a public key: what erasure/certificate.py checks, in the same
// order, by the browser's own cryptography (WebCrypto). Asks no server. docs/formats/certificate.md describes it.

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "https://volenti.dev/attestation/erasure/v1";
const KEYED = "hmac-sha256:";
const COMMITTED = ["constituents_before", "constituents_after"];
const DEPTH_MAX = 64, HASHES_MAX = 64, SIGNATURES_MAX = 100, NOTE_BYTES_MAX = 1 << 20;
const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/;
// The field of Curve25519, and the y of its eight points of small order: under such a key anything is signed.
const P = 2n ** 255n - 19n;
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_Y = [0n, 1n, P - 1n, Y8, P - Y8];

/** A certificate that doesn't hold. `step`: what it fails at: key, form, signature, opening, log or proof. */
export class Refused extends Error {
  constructor(step) {
    super(`refused: ${step}`);
    this.step = step;
  }
}

/**
 * Verify a certificate. bytes: the JSON document. keyText: the workspace's public key, base64 of 32 bytes.
 * Returns the statement, whom it is about (null without an opening), the entry's index and the log's size.
 * Throws Refused, which names the step that fails.
 */
export async function verify(bytes, keyText) {
  const key = await at("key", () => publicKey(keyText));
  const { body, payload } = await at("form", () => envelope(bytes));
  const statement = await at("signature", () => signed(body, payload, key));
  const about = "opening" in body ? await at("opening", () => opened(statement, body.opening)) : null;
  const entry = await at("log", () => logEntry(statement, payload, body.transparency));
  const proof = await at("proof", () => included(entry, statement.predicate.log, key));
  return { statement, about, ...proof };
}

// Whatever goes wrong while something strange is read is a refusal.
async function at(step, work) {
  try {
    return await work();
  } catch (error) {
    if (error?.name === "NotSupportedError") throw error;
    throw new Refused(step);
  }
}

function must(holds) {
  if (!holds) throw new Error("doesn't hold");
}

async function publicKey(text) {
  const raw = base64(text.trim());
  must(raw.length === 32);
  const y = [...raw].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n);
  must(y < P && !SMALL_Y.includes(y));
  const usable = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  return { raw, usable, id: hex(await sha256(raw)).slice(0, 16) };
}

function envelope(bytes) {
  const body = parsed(bytes);
  const known = ["payloadType", "payload", "signatures", "transparency", "opening"];
  must(isObject(body) && Object.keys(body).every((name) => known.includes(name)));
  must(body.payloadType === PAYLOAD_TYPE && Array.isArray(body.signatures) && body.signatures.length === 1);
  must(sameNames(body.transparency, ["opening", "proof"]) && sameNames(body.signatures[0], ["keyid", "sig"]));
  return { body, payload: base64(body.payload) };
}

async function signed(body, payload, key) {
  must(body.signatures[0].keyid === key.id);
  // DSSE's pre-authentication encoding: lengths keep type and payload apart.
  const start = utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `);
  must(await verifies(key, base64(body.signatures[0].sig), joined(start, payload)));
  const statement = parsed(payload);
  must(same(utf8(canonical(statement)), payload));
  must(statement._type === STATEMENT_TYPE && statement.predicateType === PREDICATE_TYPE);
  must(isObject(statement.predicate));
  return statement;
}

async function opened(statement, opening) {
  const secret = unhex(opening.key);
  const predicate = statement.predicate;
  const keyed = COMMITTED.filter((field) =>
    Object.values(predicate[field] ?? {}).some((each) => String(each).startsWith(KEYED)),
  );
  must(typeof opening.subject === "string" && opening.subject.isWellFormed());
  must(sameNames(opening, ["subject", "key", ...keyed]));
  const who = hex(await hmac(secret, utf8(opening.subject)));
  must(who === statement.subject[0].digest.sha256);
  for (const field of keyed) {
    const said = predicate[field];
    // Certificates of earlier versions have digests themselves there.
    if (Object.values(said).some((each) => !String(each).startsWith(KEYED))) continue;
    must(sameNames(opening[field], Object.keys(said)));
    for (const [name, digest] of Object.entries(opening[field])) {
      must(typeof digest === "string" && said[name] === KEYED + hex(await hmac(secret, utf8(`${name} ${digest}`))));
    }
  }
  return opening.subject;
}

async function logEntry(statement, payload, transparency) {
  const { opening, proof } = transparency;
  must(sameNames(opening, ["event", "key"]) && typeof proof === "string");
  must(opening.event.body.statement_sha256 === hex(await sha256(payload)));
  must(typeof statement.predicate.log === "string" && statement.predicate.log !== "");
  const leaf = await hmac(unhex(opening.key), utf8(canonical(opening.event)));
  return { leaf, ...readProof(proof) };
}

// C2SP tlog-proof: the index, the hashes from the leaf up, and the signed checkpoint. One form alone.
function readProof(text) {
  const blank = text.indexOf("\n\n");
  must(blank >= 0);
  const [first, second, ...lines] = text.slice(0, blank).split("\n");
  must(first === "c2sp.org/tlog-proof@v1");
  const extra = second?.startsWith("extra ");
  if (extra) must(base64(second.slice(6)).length > 0);
  const index = extra ? lines.shift() : second;
  must(index?.startsWith("index ") && DECIMAL.test(index.slice(6)) && lines.length <= HASHES_MAX);
  const hashes = lines.map(base64);
  must(hashes.every((each) => each.length === 32));
  return { index: BigInt(index.slice(6)), hashes, checkpoint: text.slice(blank + 2) };
}

async function included({ leaf, index, hashes, checkpoint }, origin, key) {
  const { size, root } = await signedCheckpoint(checkpoint, origin, key);
  must(index < size);
  // RFC 9162, section 2.1.3.2. A leaf's first byte keeps it from passing for a node.
  let head = await sha256(joined(Uint8Array.of(0), leaf));
  let place = index, last = size - 1n;
  for (const sibling of hashes) {
    must(last > 0n);
    if (place & 1n || place === last) {
      head = await sha256(joined(Uint8Array.of(1), sibling, head));
      while (place && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
    } else {
      head = await sha256(joined(Uint8Array.of(1), head, sibling));
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  must(last === 0n && same(head, root));
  return { index, size };
}

// C2SP signed-note and tlog-checkpoint: the log's name, size and root, signed by the log's key.
async function signedCheckpoint(note, origin, key) {
  const end = note.lastIndexOf("\n\n");
  must(end >= 0 && note.endsWith("\n") && utf8(note).length <= NOTE_BYTES_MAX && note.isWellFormed());
  must(![...note.replaceAll("\n", "")].some((each) => each < " "));
  must(origin !== "" && !origin.includes("+") && !hasSpace(origin) && ![...origin].some((each) => each < " "));
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split("\n");
  must(lines.length <= SIGNATURES_MAX);
  const id = (await sha256(joined(utf8(`${origin}\n`), Uint8Array.of(1), key.raw))).slice(0, 4);
  let isSigned = false;
  for (const line of lines) {
    must(line.startsWith("— "));
    const gap = line.indexOf(" ", 2);
    must(gap > 2);
    const name = line.slice(2, gap), data = base64(line.slice(gap + 1));
    must(data.length > 4 && !name.includes("+") && !hasSpace(name));
    // Others may have signed, too; a line that says it is the log's has to be.
    if (name !== origin || !same(data.slice(0, 4), id)) continue;
    must(await verifies(key, data.slice(4), utf8(text)));
    isSigned = true;
  }
  const [named, size, root, ...rest] = text.split("\n");
  must(isSigned && named === origin && DECIMAL.test(size) && rest.pop() === "" && rest.every((each) => each !== ""));
  must(base64(root).length === 32);
  return { size: BigInt(size), root: base64(root) };
}

// JSON as others wrote it: UTF-8, and not nested so deeply that reading it needs much.
function parsed(bytes) {
  const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  let left = [value];
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    left = left.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    left = left.filter((each) => typeof each === "object" && each !== null);
    if (left.length === 0) return value;
  }
  throw new Error("nested too deeply");
}

// RFC 8785: names in the order of UTF-16 units, numbers and texts as JavaScript writes them.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${canonical(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "string") must(value.isWellFormed());
  if (typeof value === "number") must(Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)));
  return JSON.stringify(value);
}

// Base64 in its one standard form: the browser's decoder lets unused bits and white space pass.
function base64(text) {
  must(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text));
  const data = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  must(btoa(String.fromCharCode(...data)) === text);
  return data;
}

function unhex(text) {
  must(typeof text === "string" && /^(?:[0-9a-f]{2})+$/.test(text));
  return Uint8Array.from(text.match(/../g), (each) => parseInt(each, 16));
}

async function hmac(secret, data) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
}

const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const verifies = (key, signature, data) => crypto.subtle.verify({ name: "Ed25519" }, key.usable, signature, data);
const utf8 = (text) => new TextEncoder().encode(text);
const hex = (data) => [...data].map((each) => each.toString(16).padStart(2, "0")).join("");
const same = (one, other) => one.length === other.length && one.every((each, place) => each === other[place]);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const hasSpace = (text) => /[\s\u001c-\u001f\u0085]/u.test(text);

function sameNames(value, names) {
  return isObject(value) && Object.keys(value).sort().join("\n") === [...names].sort().join("\n");
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  parts.reduce((place, each) => (whole.set(each, place), place + each.length), 0);
  return whole;
}
