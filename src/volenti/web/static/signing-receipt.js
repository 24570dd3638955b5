// On a device that goes from hand to hand, the way back doesn't lead the next person to this receipt.
document.querySelector("[data-next-person]").addEventListener("click", (event) => {
  event.preventDefault();
  location.replace(event.currentTarget.href);
});
