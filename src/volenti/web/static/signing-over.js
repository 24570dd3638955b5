// A link by which nobody can sign any more. What was signed on this device before is sent all the same.
import { attend, send, tellSent } from "./signing-send.js";
import { dropDraft } from "./signing-store.js";

attend();
await dropDraft(document.querySelector("[data-path]").dataset.path);
tellSent(await send());
