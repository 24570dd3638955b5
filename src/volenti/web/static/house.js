// On a phone the rooms are a strip that scrolls: the one that is open is brought into sight.
const here = document.querySelector(".bar nav [aria-current]");
const strip = here?.parentElement;
if (strip && strip.scrollWidth > strip.clientWidth) {
  strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}
