/** The words of Freight aliases. Their order decides which alias an ID gets: append nothing, reorder nothing. */

export const ADJECTIVES: readonly string[] = words(`
  able agile airy alert amber ample ancient ardent astute autumn awake azure balmy bold brave breezy brief bright
  brisk broad bronze calm candid careful cheery chief civic civil clean clear clever cobalt cool copper coral cosmic
  cosy crisp crimson curious dapper daring dawn deep deft dewy direct distant dreamy dry dusky eager early earnest
  easy elder elegant even exact fabled fair faithful famous fancy fast fearless festive fine firm fleet fluent focal
  fond formal fragrant frank free fresh frosty gentle genial gifted glad gleaming global golden good graceful grand
  grassy grateful great green hale handy happy hardy hazel hearty helpful high hollow honest humble icy ideal inner
  ivory jade jaunty jolly jovial joyful keen kind lasting lavish leafy level light limber lively local lofty loyal
  lucid lucky lunar magic maple marble mellow merry mighty mild minty misty modest mossy neat new nimble noble
  northern oaken ocean olive open opal orderly pale patient peaceful pearly plain playful pleasant plucky polar
  polite proper proud prudent pure quick quiet quirky radiant rapid rare ready regal rich robust rosy round royal
  ruby rustic sandy sage scarlet serene sharp silent silken silver simple sincere smart smooth snowy snug sober soft
  solar solid spicy spry stable starry steady still stout subtle sunny sure swift tall tame tender tidy timely tranquil
  true trusty upbeat urban valiant vast velvet verdant vivid warm western wide wild willing windy winter wise witty
  woody worthy young zealous zesty
`);

export const ANIMALS: readonly string[] = words(`
  adder albatross alpaca anchovy ant antelope ape armadillo auk avocet axolotl baboon badger barbel barnacle bat bear
  beaver bee beetle bison bittern boar bobcat bonobo buffalo bulbul bunting bustard butterfly buzzard camel canary
  capybara caracal cardinal caribou carp cat caterpillar chameleon chamois cheetah chickadee chipmunk cicada civet
  clam cobra cockatoo cod condor coot coral cormorant cougar cow coyote coypu crab crane cricket crocodile crow
  cuckoo curlew deer dingo dipper dog dolphin donkey dormouse dotterel dove dragonfly duck dugong dunlin eagle echidna
  eel egret eider eland elephant elk emu ermine falcon ferret finch firefly flamingo flounder fly fossa fox frog
  gadwall gannet gazelle gecko gerbil gibbon giraffe gnu goat godwit goldfinch goose gopher gorilla goshawk grebe
  grouse guanaco gull guppy haddock hake halibut hamster hare harrier hawk hedgehog heron herring hippo hobby hoopoe
  hornbill horse hyena ibex ibis iguana impala jackal jackdaw jaguar jay jerboa kakapo kangaroo kestrel kingfisher
  kite kiwi koala kudu lamprey langur lapwing lark lemming lemur leopard limpet linnet lion lizard llama lobster
  locust loon loris lynx macaque macaw mackerel magpie mallard manatee mandrill mantis marlin marmot marten meerkat
  merlin mink minnow mole mongoose moose moth mouse mule mullet muntjac mussel narwhal newt nightjar numbat nuthatch
  ocelot octopus okapi opossum orca oriole oryx osprey ostrich otter owl ox oyster panda panther parrot partridge
  peacock pelican penguin perch pheasant pigeon pika pike pipit plover polecat pony porcupine porpoise possum puffin
  puma python quail quokka quoll rabbit raccoon raven redstart reindeer rhino roach robin rook sable salmon sandpiper
  sardine seal serval shark sheep shrew shrimp siskin skink skua skylark sloth snail snipe sole sparrow spider squid
  squirrel starling stoat stork sturgeon swallow swan swift tapir tarsier tern terrier thrush tiger toad tortoise
  toucan trout tuna turtle urchin viper vole vulture wagtail wallaby walrus warbler weasel whale whimbrel wolf
  wolverine wombat woodcock woodpecker wren yak zebra
`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
