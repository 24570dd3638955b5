// On a phone the rooms are a strip that scrolls: the one that is open is brought into sight.
const here = document.querySelector(".bar nav [aria-current]");
const strip = here?.parentElement;
if (strip && strip.scrollWidth > strip.clientWidth) {
  strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}
// Browsers leave what gets the focus half out of sight: it is brought into sight as a whole.
document.addEventListener("keyup", (event) => {
  const at = document.activeElement;
  if (event.key === "Tab" && at !== document.body) at?.scrollIntoView({ block: "nearest", inline: "nearest" });
});
