// Signs what was said with a key of this device, and seals it so that only the controller can read it.
// The form is that of volenti.signings.envelope: P-256, HKDF-SHA256, AES-256-GCM.
const text = new TextEncoder();

export const base64 = (bytes) => {
  let said = "";
  for (const each of new Uint8Array(bytes)) said += String.fromCharCode(each);
  return btoa(said);
};
const bytesOf = (said) => Uint8Array.from(atob(said), (each) => each.charCodeAt(0));

export const newKey = () =>
  base64(crypto.getRandomValues(new Uint8Array(32))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const digest = async (bytes) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((each) => each.toString(16).padStart(2, "0")).join("");

// A fresh key that can't be read out of the browser; it signs this one statement.
async function vouched(statement) {
  const ways = [
    ["Ed25519", { name: "Ed25519" }, { name: "Ed25519" }],
    ["ECDSA-P256", { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  ];
  for (const [algorithm, making, signing] of ways) {
    try {
      const pair = await crypto.subtle.generateKey(making, false, ["sign", "verify"]);
      const publicKey = await crypto.subtle.exportKey("raw", pair.publicKey);
      const signature = await crypto.subtle.sign(signing, pair.privateKey, statement);
      return { algorithm, public_key: base64(publicKey), signature: base64(signature) };
    } catch {
      continue; // This browser hasn't this way.
    }
  }
  return null;
}

export async function sealed(controller, said, photos) {
  const statement = JSON.stringify(said);
  const body = { statement, device: await vouched(text.encode(statement)), photos: photos.map(base64) };
  const theirs = bytesOf(controller);
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", theirs, curve, false, []);
  const fresh = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", fresh.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: key }, fresh.privateKey, 256);
  const salt = new Uint8Array([...point, ...theirs]);
  const info = text.encode("volenti/signing-envelope");
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const box = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt, info }, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"],
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const version = new Uint8Array([1]);
  const data = text.encode(JSON.stringify(body));
  const closed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: version }, box, data);
  return new Blob([version, point, iv, closed], { type: "application/octet-stream" });
}
