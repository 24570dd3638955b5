// Makes and uses passkeys: asks the application what to sign, has the browser sign it, and sends the answer.
// Without scripts a style sheet hides the forms; they are hidden, too, where the browser knows no passkeys.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const read = (options) => {
  const described = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = described(options.allowCredentials);
  return made;
};

const written = (credential) => {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    if (response.userHandle) said.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: said,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  });
};

const signing = async (form, button) => {
  const told = form.querySelector(".told");
  told.textContent = "";
  button.disabled = true;
  try {
    const asked = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const options = await asked.json();
    if (options.go) return void (location.href = options.go);
    if (!asked.ok) return void (told.textContent = options.message ?? "");
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: read(options) });
    form.elements.answer.value = written(credential);
    form.submit();
  } catch (error) {
    // Whoever closes the browser's own window is told nothing more.
    if (error.name !== "NotAllowedError" && error.name !== "AbortError") told.textContent = error.message;
  } finally {
    button.disabled = false;
  }
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) form.dataset.known = "no";
  if (window.PublicKeyCredential) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      signing(form, form.querySelector("button"));
    });
  }
}
